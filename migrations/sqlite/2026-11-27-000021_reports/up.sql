-- The report of a year, by year. Where it stands, and beside it what the nämnd has done with it.
CREATE TABLE reports (
    tenant_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    status TEXT NOT NULL,
    newest INTEGER NOT NULL,
    established_on TEXT,
    board TEXT NOT NULL,
    board_version INTEGER,
    board_on TEXT,
    board_paragraph TEXT,
    board_by BLOB,
    board_at INTEGER,
    edits INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT reports_year_key PRIMARY KEY (tenant_id, year),
    CONSTRAINT reports_board_by_fk FOREIGN KEY (tenant_id, board_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT reports_status_check CHECK (status IN ('open', 'locked', 'checked', 'established')),
    CONSTRAINT reports_newest_check CHECK (newest >= 0 AND (status = 'open' OR newest >= 1)),
    CONSTRAINT reports_established_check CHECK (status <> 'established' OR established_on IS NOT NULL),
    CONSTRAINT reports_board_check CHECK (
        board IN ('none', 'submitted', 'approved', 'noted')
        AND (board = 'none') = (board_version IS NULL) AND (board = 'none') = (board_on IS NULL)
        AND (board = 'none') = (board_by IS NULL) AND (board = 'none') = (board_at IS NULL)
        AND (board IN ('approved', 'noted')) = (board_paragraph IS NOT NULL)
        AND (board_version IS NULL OR board_version BETWEEN 1 AND newest)
    ),
    CONSTRAINT reports_version_check CHECK (version >= 1 AND edits >= 0)
) STRICT;

-- What was frozen: its canonical JSON as an exact text, which no database may lay out anew.
CREATE TABLE report_versions (
    tenant_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    report_version INTEGER NOT NULL,
    content TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    definitions INTEGER NOT NULL,
    locked_by BLOB NOT NULL,
    locked_at INTEGER NOT NULL,
    checked_by BLOB,
    checked_at INTEGER,
    established_on TEXT,
    established_by BLOB,
    established_at INTEGER,
    capacity TEXT,
    reference TEXT,
    CONSTRAINT report_versions_year_report_version_key PRIMARY KEY (tenant_id, year, report_version),
    CONSTRAINT report_versions_report_fk FOREIGN KEY (tenant_id, year) REFERENCES reports (tenant_id, year),
    CONSTRAINT report_versions_locked_by_fk FOREIGN KEY (tenant_id, locked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_versions_checked_by_fk FOREIGN KEY (tenant_id, checked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_versions_established_by_fk FOREIGN KEY (tenant_id, established_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_versions_sha256_check CHECK (length(sha256) = 64),
    CONSTRAINT report_versions_checked_check CHECK ((checked_by IS NULL) = (checked_at IS NULL)),
    CONSTRAINT report_versions_established_check CHECK (
        (established_on IS NULL) = (established_by IS NULL) AND (established_on IS NULL) = (established_at IS NULL)
        AND (established_on IS NULL) = (capacity IS NULL) AND (established_on IS NULL) = (reference IS NULL)
        AND (established_on IS NULL OR checked_at IS NOT NULL)
    ),
    CONSTRAINT report_versions_capacity_check CHECK (capacity IN ('vardgivare', 'delegate')),
    CONSTRAINT report_versions_report_version_check CHECK (report_version >= 1)
) STRICT;

-- The author's own text of a section.
CREATE TABLE report_texts (
    tenant_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    section TEXT NOT NULL,
    text TEXT NOT NULL,
    written_by BLOB NOT NULL,
    author TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT report_texts_year_section_key PRIMARY KEY (tenant_id, year, section),
    CONSTRAINT report_texts_report_fk FOREIGN KEY (tenant_id, year) REFERENCES reports (tenant_id, year),
    CONSTRAINT report_texts_written_by_fk FOREIGN KEY (tenant_id, written_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_texts_version_check CHECK (version >= 1)
) STRICT;

-- A paragraph that a unit was asked for.
CREATE TABLE report_paragraphs (
    tenant_id BLOB NOT NULL,
    paragraph_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    section TEXT NOT NULL,
    unit_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    due_on TEXT,
    text TEXT,
    written_by BLOB,
    author TEXT,
    written_at INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT report_paragraphs_paragraph_id_key PRIMARY KEY (tenant_id, paragraph_id),
    CONSTRAINT report_paragraphs_report_fk FOREIGN KEY (tenant_id, year) REFERENCES reports (tenant_id, year),
    CONSTRAINT report_paragraphs_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT report_paragraphs_asked_by_fk FOREIGN KEY (tenant_id, asked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_paragraphs_written_by_fk FOREIGN KEY (tenant_id, written_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_paragraphs_given_check CHECK (
        (text IS NULL) = (written_by IS NULL) AND (text IS NULL) = (author IS NULL) AND (text IS NULL) = (written_at IS NULL)
    ),
    CONSTRAINT report_paragraphs_version_check CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX report_paragraphs_year_section_unit_id_key ON report_paragraphs (tenant_id, year, section, unit_id);

-- Goals and decisions, from the year they were set in to the year they are answered in.
CREATE TABLE report_goals (
    tenant_id BLOB NOT NULL,
    goal_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    set_in INTEGER NOT NULL,
    year INTEGER NOT NULL,
    section TEXT NOT NULL,
    text TEXT NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    reached TEXT,
    answer TEXT,
    answered_by BLOB,
    answered_at INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT report_goals_goal_id_key PRIMARY KEY (tenant_id, goal_id),
    CONSTRAINT report_goals_report_fk FOREIGN KEY (tenant_id, set_in) REFERENCES reports (tenant_id, year),
    CONSTRAINT report_goals_set_by_fk FOREIGN KEY (tenant_id, set_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_goals_answered_by_fk FOREIGN KEY (tenant_id, answered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_goals_kind_check CHECK (kind IN ('goal', 'decision')),
    CONSTRAINT report_goals_year_check CHECK (year IN (set_in, set_in + 1)),
    CONSTRAINT report_goals_answer_check CHECK (
        (reached IS NULL OR reached IN ('yes', 'partly', 'no', 'not_followed_up'))
        AND (reached IS NULL) = (answer IS NULL) AND (reached IS NULL) = (answered_by IS NULL) AND (reached IS NULL) = (answered_at IS NULL)
    ),
    CONSTRAINT report_goals_version_check CHECK (version >= 1)
) STRICT;
CREATE INDEX report_goals_year_ix ON report_goals (tenant_id, year);

-- What is counted elsewhere. Of a name, unit and period there is one; without a unit it is of the whole tenant.
CREATE TABLE own_figures (
    tenant_id BLOB NOT NULL,
    figure_id BLOB NOT NULL,
    name TEXT NOT NULL,
    unit_id BLOB,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    value INTEGER,
    of_value INTEGER,
    percent_tenths INTEGER,
    source TEXT NOT NULL,
    entered_by BLOB NOT NULL,
    entered_at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT own_figures_figure_id_key PRIMARY KEY (tenant_id, figure_id),
    CONSTRAINT own_figures_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT own_figures_entered_by_fk FOREIGN KEY (tenant_id, entered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT own_figures_period_check CHECK (period_to >= period_from),
    CONSTRAINT own_figures_amount_check CHECK (
        (value IS NULL) <> (percent_tenths IS NULL) AND (of_value IS NULL OR (value IS NOT NULL AND value <= of_value))
        AND (value IS NULL OR value >= 0) AND (percent_tenths IS NULL OR percent_tenths BETWEEN 0 AND 1000)
    ),
    CONSTRAINT own_figures_version_check CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX own_figures_name_unit_id_period_from_period_to_key ON own_figures (tenant_id, name, unit_id, period_from, period_to) WHERE unit_id IS NOT NULL AND NOT withdrawn;
CREATE UNIQUE INDEX own_figures_name_period_from_period_to_key ON own_figures (tenant_id, name, period_from, period_to) WHERE unit_id IS NULL AND NOT withdrawn;
CREATE INDEX own_figures_period_to_ix ON own_figures (tenant_id, period_to);

-- One end's word that reports are shared with another tenant of the installation. The other's id is no key of
-- this tenant's rows.
CREATE TABLE report_partners (
    tenant_id BLOB NOT NULL,
    other_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    side TEXT NOT NULL,
    agreed_by BLOB NOT NULL,
    agreed_at INTEGER NOT NULL,
    ended_by BLOB,
    ended_at INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT report_partners_other_id_key PRIMARY KEY (tenant_id, other_id),
    CONSTRAINT report_partners_agreed_by_fk FOREIGN KEY (tenant_id, agreed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_partners_ended_by_fk FOREIGN KEY (tenant_id, ended_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_partners_side_check CHECK (side IN ('provider', 'buyer')),
    CONSTRAINT report_partners_other_check CHECK (other_id <> tenant_id),
    CONSTRAINT report_partners_ended_check CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
    CONSTRAINT report_partners_version_check CHECK (version >= 1)
) STRICT;

-- With whom a version was shared.
CREATE TABLE report_shares (
    tenant_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    report_version INTEGER NOT NULL,
    other_id BLOB NOT NULL,
    shared_by BLOB NOT NULL,
    shared_at INTEGER NOT NULL,
    CONSTRAINT report_shares_year_report_version_other_id_key PRIMARY KEY (tenant_id, year, report_version, other_id),
    CONSTRAINT report_shares_version_fk FOREIGN KEY (tenant_id, year, report_version) REFERENCES report_versions (tenant_id, year, report_version),
    CONSTRAINT report_shares_partner_fk FOREIGN KEY (tenant_id, other_id) REFERENCES report_partners (tenant_id, other_id),
    CONSTRAINT report_shares_shared_by_fk FOREIGN KEY (tenant_id, shared_by) REFERENCES staff (tenant_id, staff_id)
) STRICT;

-- What a provider shared with us: a copy of its own, so that nothing is read across tenants.
CREATE TABLE shared_reports (
    tenant_id BLOB NOT NULL,
    provider_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    report_version INTEGER NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    locked_at INTEGER NOT NULL,
    established_on TEXT NOT NULL,
    shared_at INTEGER NOT NULL,
    noted_on TEXT,
    noted_paragraph TEXT,
    noted_by BLOB,
    noted_at INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT shared_reports_provider_id_year_report_version_key PRIMARY KEY (tenant_id, provider_id, year, report_version),
    CONSTRAINT shared_reports_partner_fk FOREIGN KEY (tenant_id, provider_id) REFERENCES report_partners (tenant_id, other_id),
    CONSTRAINT shared_reports_noted_by_fk FOREIGN KEY (tenant_id, noted_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT shared_reports_noted_check CHECK (
        (noted_on IS NULL) = (noted_paragraph IS NULL) AND (noted_on IS NULL) = (noted_by IS NULL) AND (noted_on IS NULL) = (noted_at IS NULL)
    ),
    CONSTRAINT shared_reports_version_check CHECK (version >= 1)
) STRICT;
CREATE INDEX shared_reports_year_ix ON shared_reports (tenant_id, year);

-- The register of delegations also says who establishes the report of a year.
CREATE TABLE delegations_anew (
    tenant_id BLOB NOT NULL,
    delegation_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    matter TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    reference TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    ended_at INTEGER,
    ended_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT delegations_delegation_id_key PRIMARY KEY (tenant_id, delegation_id),
    CONSTRAINT delegations_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT delegations_matter_check CHECK (matter IN ('lex_maria', 'lex_sarah', 'riskperson', 'notify', 'yearly_report')),
    CONSTRAINT delegations_valid_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CONSTRAINT delegations_ended_check CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
    CONSTRAINT delegations_version_check CHECK (version >= 1)
) STRICT;
INSERT INTO delegations_anew SELECT * FROM delegations;
DROP TABLE delegations;
ALTER TABLE delegations_anew RENAME TO delegations;
CREATE INDEX delegations_staff_ix ON delegations (tenant_id, staff_id);
