-- The keys this tenant signs messages to other systems with, the private part sealed. A new one is published
-- before it signs, so that those at the other end can register it; a withdrawn one is published no more.
CREATE TABLE machine_keys (
    tenant_id uuid NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    made_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT machine_keys_key_id_key PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT machine_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

-- The system of a counterparty: where messages to it go, and by which name it is known.
CREATE TABLE machine_peers (
    tenant_id uuid NOT NULL,
    counterparty_id uuid NOT NULL,
    peer_id text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    give_up_hours integer NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT machine_peers_counterparty_id_key PRIMARY KEY (tenant_id, counterparty_id),
    CONSTRAINT machine_peers_peer_id_key UNIQUE (tenant_id, peer_id),
    CONSTRAINT machine_peers_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT machine_peers_give_up_check CHECK (give_up_hours BETWEEN 1 AND 720),
    CONSTRAINT machine_peers_version_check CHECK (version >= 1)
);

-- The public keys it signs with, each registered by somebody who compared its fingerprint.
CREATE TABLE machine_peer_keys (
    tenant_id uuid NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    counterparty_id uuid NOT NULL,
    public_key bytea NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by uuid NOT NULL,
    revoked_at timestamptz,
    revoked_by uuid,
    CONSTRAINT machine_peer_keys_key_id_key PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT machine_peer_keys_peer_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES machine_peers (tenant_id, counterparty_id),
    CONSTRAINT machine_peer_keys_registered_by_fk FOREIGN KEY (tenant_id, registered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT machine_peer_keys_revoked_by_fk FOREIGN KEY (tenant_id, revoked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT machine_peer_keys_revoked_check CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX machine_peer_keys_counterparty_ix ON machine_peer_keys (tenant_id, counterparty_id);

-- What makes a signature good for one use: kept until it has expired.
CREATE TABLE machine_nonces (
    tenant_id uuid NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    nonce text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT machine_nonces_key_id_nonce_key PRIMARY KEY (tenant_id, key_id, nonce),
    CONSTRAINT machine_nonces_key_fk FOREIGN KEY (tenant_id, key_id) REFERENCES machine_peer_keys (tenant_id, key_id)
);
CREATE INDEX machine_nonces_expires_ix ON machine_nonces (tenant_id, expires_at);

-- A forwarding that goes from machine to machine: the name both sides have for it, how far we have told
-- what happened to it here, and the numbers of the last message sent and taken.
CREATE TABLE machine_threads (
    tenant_id uuid NOT NULL,
    forwarding_id uuid NOT NULL,
    counterparty_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    told_version bigint NOT NULL,
    told jsonb NOT NULL,
    sent_sequence bigint NOT NULL,
    taken_sequence bigint NOT NULL,
    their_status text COLLATE "C",
    their_status_at timestamptz,
    CONSTRAINT machine_threads_forwarding_id_key PRIMARY KEY (tenant_id, forwarding_id),
    CONSTRAINT machine_threads_counterparty_id_thread_id_key UNIQUE (tenant_id, counterparty_id, thread_id),
    CONSTRAINT machine_threads_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT machine_threads_peer_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES machine_peers (tenant_id, counterparty_id),
    CONSTRAINT machine_threads_their_status_check CHECK ((their_status IS NULL) = (their_status_at IS NULL)),
    CONSTRAINT machine_threads_sequence_check CHECK (sent_sequence >= 0 AND taken_sequence >= 0 AND told_version >= 0)
);

-- What was sent and is to be sent, in the order of a thread. The content is sealed, and erased when it has
-- been delivered: it stands in the forwarding.
CREATE TABLE machine_messages (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    forwarding_id uuid NOT NULL,
    sequence bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key_version integer,
    wrapped_key bytea,
    nonce bytea,
    ciphertext bytea,
    made_at timestamptz NOT NULL,
    give_up_at timestamptz NOT NULL,
    next_try_at timestamptz,
    attempts integer NOT NULL,
    tried_at timestamptz,
    problem text,
    settled_at timestamptz,
    outcome text COLLATE "C",
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
);
CREATE INDEX machine_messages_waiting_ix ON machine_messages (tenant_id, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX machine_messages_open_ix ON machine_messages (tenant_id, forwarding_id, sequence) WHERE settled_at IS NULL;

-- What was taken, so that it is taken once: the number of the message, and the hash of what it said.
CREATE TABLE machine_taken (
    tenant_id uuid NOT NULL,
    counterparty_id uuid NOT NULL,
    message_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    forwarding_id uuid,
    sequence bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    taken_at timestamptz NOT NULL,
    refused text COLLATE "C",
    CONSTRAINT machine_taken_counterparty_id_message_id_key PRIMARY KEY (tenant_id, counterparty_id, message_id),
    CONSTRAINT machine_taken_peer_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES machine_peers (tenant_id, counterparty_id),
    CONSTRAINT machine_taken_thread_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES machine_threads (tenant_id, forwarding_id)
);
CREATE INDEX machine_taken_thread_ix ON machine_taken (tenant_id, counterparty_id, thread_id);

CREATE INDEX forwardings_machine_ix ON forwardings (tenant_id, counterparty_id, forwarding_id) WHERE channel = 'machine';
