-- What waits for whom, and units handed over from one hand to another.

-- What a worklist asks of a case stands in columns, as what lists ask for does. The document that
-- `lead_id` comes from has no foreign key either.
ALTER TABLE cases ADD COLUMN lead_id uuid;
ALTER TABLE cases ADD COLUMN hops smallint NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN severity smallint;
ALTER TABLE cases ADD COLUMN risk_score smallint;
ALTER TABLE cases ADD COLUMN vardskada text COLLATE "C" NOT NULL DEFAULT 'not_assessed';
ALTER TABLE cases ADD COLUMN awaits text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN warned boolean NOT NULL DEFAULT false;

UPDATE cases SET
    lead_id = CAST(assessment ->> 'lead' AS uuid),
    hops = coalesce(CAST(assessment ->> 'hops' AS smallint), 0),
    severity = CAST(coalesce(assessment #>> '{severity,potential}', assessment #>> '{severity,actual}') AS smallint),
    risk_score = CAST(coalesce(assessment #>> '{severity,potential}', assessment #>> '{severity,actual}') AS smallint)
        * CAST(assessment ->> 'probability' AS smallint),
    vardskada = coalesce(assessment #>> '{harm,vardskada}', 'not_assessed'),
    awaits = concat_ws(',',
        CASE WHEN status = 'reported' AND assessment ->> 'category' IS NULL THEN '/category' END,
        CASE WHEN status = 'reported' AND assessment ->> 'track' IS NULL THEN '/track' END,
        CASE WHEN status = 'reported' AND kind = 'avvikelse' THEN concat_ws(',',
            CASE WHEN coalesce(assessment ->> 'law', '[]') = '[]' THEN '/law' END,
            CASE WHEN assessment #>> '{severity,actual}' IS NULL THEN '/severity/actual' END,
            CASE WHEN assessment ->> 'probability' IS NULL THEN '/probability' END,
            CASE WHEN assessment ->> 'law' LIKE '%HSL%' AND assessment #>> '{lex,lex_maria}' IS NULL THEN '/lex/lex_maria' END,
            CASE WHEN (assessment ->> 'law' LIKE '%SOL%' OR assessment ->> 'law' LIKE '%LSS%') AND assessment #>> '{lex,lex_sarah}' IS NULL THEN '/lex/lex_sarah' END
        ) END,
        CASE WHEN status IN ('reported', 'triaged', 'investigating', 'measures_decided', 'following_up') AND kind = 'avvikelse'
            AND laws LIKE '%HSL%' AND coalesce(track, '') <> 'simple'
            AND coalesce(assessment #>> '{harm,vardskada}', 'not_assessed') = 'not_assessed' THEN '/harm/vardskada' END
    ),
    warned = coalesce(filing ->> 'warnings', '[]') <> '[]';
-- A part that is there and complete leaves an empty text between two commas.
UPDATE cases SET awaits = trim(BOTH ',' FROM replace(awaits, ',,', ',')) WHERE awaits <> '';

CREATE INDEX cases_status_ix ON cases (tenant_id, status, unit_id);
CREATE INDEX measures_due_ix ON measures (tenant_id, due_on) WHERE done_on IS NULL;
CREATE INDEX measures_follow_up_ix ON measures (tenant_id, effect, follow_up_on);

-- Who is called to a comment, as worklists ask for it; the comment itself holds them as a document.
CREATE TABLE comment_mentions (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    comment_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    CONSTRAINT comment_mentions_case_id_comment_id_staff_id_key PRIMARY KEY (tenant_id, case_id, comment_id, staff_id),
    CONSTRAINT comment_mentions_comment_fk FOREIGN KEY (tenant_id, case_id, comment_id) REFERENCES comments (tenant_id, case_id, comment_id),
    CONSTRAINT comment_mentions_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);
CREATE INDEX comment_mentions_staff_ix ON comment_mentions (tenant_id, staff_id, case_id);
INSERT INTO comment_mentions (tenant_id, case_id, comment_id, staff_id)
SELECT DISTINCT comments.tenant_id, comments.case_id, comments.comment_id, CAST(mention.id AS uuid)
FROM comments, jsonb_array_elements_text(comments.mentions) AS mention (id);

-- Units handed over: what was open is frozen as a document, without texts; both sign.
CREATE TABLE handovers (
    tenant_id uuid NOT NULL,
    handover_id uuid NOT NULL,
    giver_id uuid NOT NULL,
    taker_id uuid NOT NULL,
    note text,
    content jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    giver_signed_at timestamptz,
    taker_signed_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT handovers_handover_id_key PRIMARY KEY (tenant_id, handover_id),
    CONSTRAINT handovers_giver_fk FOREIGN KEY (tenant_id, giver_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT handovers_taker_fk FOREIGN KEY (tenant_id, taker_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT handovers_sides_check CHECK (giver_id <> taker_id),
    CONSTRAINT handovers_version_check CHECK (version >= 1)
);
CREATE INDEX handovers_giver_ix ON handovers (tenant_id, giver_id);
CREATE INDEX handovers_taker_ix ON handovers (tenant_id, taker_id);

CREATE TABLE handover_units (
    tenant_id uuid NOT NULL,
    handover_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT handover_units_handover_id_unit_id_key PRIMARY KEY (tenant_id, handover_id, unit_id),
    CONSTRAINT handover_units_handover_fk FOREIGN KEY (tenant_id, handover_id) REFERENCES handovers (tenant_id, handover_id),
    CONSTRAINT handover_units_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id)
);
CREATE INDEX handover_units_unit_ix ON handover_units (tenant_id, unit_id, handover_id);
