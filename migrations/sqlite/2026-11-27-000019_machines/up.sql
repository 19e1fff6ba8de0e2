-- The keys this tenant signs messages to other systems with, the private part sealed. A new one is published
-- before it signs, so that those at the other end can register it; a withdrawn one is published no more.
CREATE TABLE machine_keys (
    tenant_id BLOB NOT NULL,
    key_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    withdrawn_at INTEGER,
    CONSTRAINT machine_keys_key_id_key PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT machine_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;

-- The system of a counterparty: where messages to it go, and by which name it is known.
CREATE TABLE machine_peers (
    tenant_id BLOB NOT NULL,
    counterparty_id BLOB NOT NULL,
    peer_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    give_up_hours INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT machine_peers_counterparty_id_key PRIMARY KEY (tenant_id, counterparty_id),
    CONSTRAINT machine_peers_peer_id_key UNIQUE (tenant_id, peer_id),
    CONSTRAINT machine_peers_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT machine_peers_give_up_check CHECK (give_up_hours BETWEEN 1 AND 720),
    CONSTRAINT machine_peers_version_check CHECK (version >= 1)
) STRICT;

-- The public keys it signs with, each registered by somebody who compared its fingerprint.
CREATE TABLE machine_peer_keys (
    tenant_id BLOB NOT NULL,
    key_id TEXT NOT NULL,
    counterparty_id BLOB NOT NULL,
    public_key BLOB NOT NULL,
    registered_at INTEGER NOT NULL,
    registered_by BLOB NOT NULL,
    revoked_at INTEGER,
    revoked_by BLOB,
    CONSTRAINT machine_peer_keys_key_id_key PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT machine_peer_keys_peer_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES machine_peers (tenant_id, counterparty_id),
    CONSTRAINT machine_peer_keys_registered_by_fk FOREIGN KEY (tenant_id, registered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT machine_peer_keys_revoked_by_fk FOREIGN KEY (tenant_id, revoked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT machine_peer_keys_revoked_check CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) STRICT;
CREATE INDEX machine_peer_keys_counterparty_ix ON machine_peer_keys (tenant_id, counterparty_id);

-- What makes a signature good for one use: kept until it has expired.
CREATE TABLE machine_nonces (
    tenant_id BLOB NOT NULL,
    key_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT machine_nonces_key_id_nonce_key PRIMARY KEY (tenant_id, key_id, nonce),
    CONSTRAINT machine_nonces_key_fk FOREIGN KEY (tenant_id, key_id) REFERENCES machine_peer_keys (tenant_id, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX machine_nonces_expires_ix ON machine_nonces (tenant_id, expires_at);

-- A forwarding that goes from machine to machine: the name both sides have for it, how far we have told
-- what happened to it here, and the numbers of the last message sent and taken.
CREATE TABLE machine_threads (
    tenant_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    counterparty_id BLOB NOT NULL,
    thread_id BLOB NOT NULL,
    told_version INTEGER NOT NULL,
    told TEXT NOT NULL,
    sent_sequence INTEGER NOT NULL,
    taken_sequence INTEGER NOT NULL,
    their_status TEXT,
    their_status_at INTEGER,
    CONSTRAINT machine_threads_forwarding_id_key PRIMARY KEY (tenant_id, forwarding_id),
    CONSTRAINT machine_threads_counterparty_id_thread_id_key UNIQUE (tenant_id, counterparty_id, thread_id),
    CONSTRAINT machine_threads_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT machine_threads_peer_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES machine_peers (tenant_id, counterparty_id),
    CONSTRAINT machine_threads_their_status_check CHECK ((their_status IS NULL) = (their_status_at IS NULL)),
    CONSTRAINT machine_threads_sequence_check CHECK (sent_sequence >= 0 AND taken_sequence >= 0 AND told_version >= 0)
) STRICT;

-- What was sent and is to be sent, in the order of a thread. The content is sealed, and erased when it has
-- been delivered: it stands in the forwarding.
CREATE TABLE machine_messages (
    tenant_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key_version INTEGER,
    wrapped_key BLOB,
    nonce BLOB,
    ciphertext BLOB,
    made_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    next_try_at INTEGER,
    attempts INTEGER NOT NULL,
    tried_at INTEGER,
    problem TEXT,
    settled_at INTEGER,
    outcome TEXT,
    CONSTRAINT machine_messages_message_id_key PRIMARY KEY (tenant_id, message_id),
    CONSTRAINT machine_messages_forwarding_id_sequence_key UNIQUE (tenant_id, forwarding_id, sequence),
    CONSTRAINT machine_messages_thread_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES machine_threads (tenant_id, forwarding_id),
    CONSTRAINT machine_messages_outcome_check CHECK (outcome IN ('delivered', 'refused')),
    CONSTRAINT machine_messages_settled_check CHECK (
        (settled_at IS NULL) = (outcome IS NULL) AND (next_try_at IS NULL OR settled_at IS NULL)
    ),
    CONSTRAINT machine_messages_sealed_check CHECK (
        (key_version IS NULL) = (ciphertext IS NULL) AND (wrapped_key IS NULL) = (ciphertext IS NULL)
        AND (nonce IS NULL) = (ciphertext IS NULL) AND (settled_at IS NOT NULL OR ciphertext IS NOT NULL)
    )
) STRICT;
CREATE INDEX machine_messages_waiting_ix ON machine_messages (tenant_id, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX machine_messages_open_ix ON machine_messages (tenant_id, forwarding_id, sequence) WHERE settled_at IS NULL;

-- What was taken, so that it is taken once: the number of the message, and the hash of what it said.
CREATE TABLE machine_taken (
    tenant_id BLOB NOT NULL,
    counterparty_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    thread_id BLOB NOT NULL,
    forwarding_id BLOB,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL,
    taken_at INTEGER NOT NULL,
    refused TEXT,
    CONSTRAINT machine_taken_counterparty_id_message_id_key PRIMARY KEY (tenant_id, counterparty_id, message_id),
    CONSTRAINT machine_taken_peer_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES machine_peers (tenant_id, counterparty_id),
    CONSTRAINT machine_taken_thread_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES machine_threads (tenant_id, forwarding_id)
) STRICT;
CREATE INDEX machine_taken_thread_ix ON machine_taken (tenant_id, counterparty_id, thread_id);

CREATE INDEX forwardings_machine_ix ON forwardings (tenant_id, counterparty_id, forwarding_id) WHERE channel = 'machine';
