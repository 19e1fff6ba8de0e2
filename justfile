# The commands of everyday work. `just` alone lists them.

_list:
    @just --list --unsorted

# A running service with made-up data, to look at
demo *ARGS:
    cargo run --locked -p avvikelse -- demo {{ARGS}}

# The service itself
serve *ARGS:
    cargo run --locked -p avvikelse -- serve {{ARGS}}

# Everything that must hold, on both databases; `just test fast`, `just test NAME…`
test *ARGS:
    ./test {{ARGS}}

# How fast it is beside the bare database, into docs/performance.md: some eight minutes; `--short` takes two, `--long` hours
bench *ARGS:
    cargo build --release --locked -p avvikelse
    cargo build --release --locked -p bench
    target/release/avvikelse-bench {{ARGS}}

# Which functions run, for the linker: after a change of the compiler, of Cargo.lock or of a profile
order:
    crates/server/order/measure

# Format the code
fmt:
    cargo fmt --all

# Lint the code; a warning is an error
clippy:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, banned crates and sources of the dependency tree (cargo install cargo-deny --locked)
deny:
    cargo deny --log-level error check bans licenses sources

# Known faults in dependencies; needs the network, and may fail without a change of ours
advisories:
    cargo deny check advisories

# Write the API description to openapi/avvikelse.json
openapi:
    cargo run --locked -p api --example description > openapi/avvikelse.json.new
    mv openapi/avvikelse.json.new openapi/avvikelse.json

# The documentation of our own crates, private items too
docs:
    cargo doc --workspace --no-deps --document-private-items --locked

# What the program is made of, as CycloneDX 1.5
sbom:
    @cargo run --quiet --locked -p house --bin sbom

# Asks the running service everything that its description allows and much that it does not, for some minutes
contract-fuzz MINUTES="10":
    cargo build --locked -p avvikelse
    tests/contract/schemathesis/run $(( {{MINUTES}} * 60 ))

# Feeds what reads foreign bytes with broken ones, for some minutes a target
fuzz MINUTES="10":
    AVVIKELSE_FUZZ_SECONDS=$(( {{MINUTES}} * 60 )) cargo test --locked -p avvikelse-tests --test fuzz -- --nocapture --test-threads=2

# A Debian package of the release build
deb:
    cargo build --release --locked -p avvikelse
    deploy/debian/build target/release/avvikelse target
