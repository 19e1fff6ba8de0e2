-- How much there was that could go wrong: bed-days, visits, persons, staff, doses, of a unit and the units
-- below it in some months of one year. Amounts are in hundredths.
CREATE TABLE exposures (
    tenant_id BLOB NOT NULL,
    exposure_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    from_month INTEGER NOT NULL,
    to_month INTEGER NOT NULL,
    hundredths INTEGER NOT NULL,
    source TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT exposures_exposure_id_key PRIMARY KEY (tenant_id, exposure_id),
    CONSTRAINT exposures_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT exposures_kind_check CHECK (kind IN ('bed_days', 'interventions', 'persons', 'staff', 'signed_doses', 'doses_to_sign')),
    CONSTRAINT exposures_months_check CHECK (from_month BETWEEN 1 AND 12 AND to_month BETWEEN from_month AND 12),
    CONSTRAINT exposures_hundredths_check CHECK (hundredths BETWEEN 0 AND 100000000000),
    CONSTRAINT exposures_version_check CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX exposures_year_kind_unit_id_from_month_key ON exposures (tenant_id, year, kind, unit_id, from_month);
