DROP INDEX forwardings_machine_ix;
DROP TABLE machine_taken;
DROP TABLE machine_messages;
DROP TABLE machine_threads;
DROP TABLE machine_nonces;
DROP TABLE machine_peer_keys;
DROP TABLE machine_peers;
DROP TABLE machine_keys;
