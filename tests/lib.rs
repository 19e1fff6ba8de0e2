//! Black-box tests of the service; see the folders beside this file.
