//! The files of the interchange format and their columns, in the order an export writes them.

/// One column of a file.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// Other names it is read by.
    pub aliases: &'static [&'static str],
    /// Whether the header must name it.
    pub required: bool,
}

impl Column {
    /// Whether a header cell, trimmed and in lower case, names this column.
    pub fn is_named(&self, header: &str) -> bool {
        self.name == header || self.aliases.contains(&header)
    }
}

/// One file.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its name.
    pub file: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

const fn needed(name: &'static str) -> Column {
    Column { name, aliases: &[], required: true }
}

const fn optional(name: &'static str) -> Column {
    Column { name, aliases: &[], required: false }
}

/// Cases, one a line.
pub(super) const CASES: Sheet = Sheet {
    file: "arenden.csv",
    columns: &[
        needed("arendenummer"),
        needed("typ"),
        optional("handelse_intraffade"),
        optional("upptacktes"),
        needed("rapporterades"),
        needed("enhet"),
        optional("verksamhetsomrade"),
        optional("lagrum_rapporterat"),
        optional("lagrum_bedomt"),
        optional("kategori_rapporterad"),
        optional("kategori_bedomd"),
        optional("art"),
        optional("allvarlighetsgrad"),
        optional("sannolikhet"),
        optional("vardskada"),
        optional("skada"),
        optional("kon"),
        optional("aldersgrupp"),
        optional("kalla"),
        optional("kanal"),
        optional("omedelbar_atgard"),
        needed("beskrivning"),
        optional("utredning_paborjad"),
        optional("avslutad"),
        optional("utfall"),
        needed("status"),
    ],
};

/// Units.
pub(super) const UNITS: Sheet = Sheet {
    file: "enheter.csv",
    columns: &[
        Column { name: "kod", aliases: &["enhet", "code"], required: true },
        Column { name: "namn", aliases: &["name"], required: true },
        Column { name: "verksamhetsomrade", aliases: &["area"], required: false },
        Column { name: "overordnad", aliases: &["parent", "foralder"], required: false },
        Column { name: "giltig_fran", aliases: &["valid_from"], required: false },
        Column { name: "giltig_till", aliases: &["valid_to"], required: false },
    ],
};

/// Staff.
pub(super) const STAFF: Sheet = Sheet {
    file: "personal.csv",
    columns: &[
        Column { name: "utfardare", aliases: &["issuer"], required: false },
        Column { name: "identitet", aliases: &["sub", "subject"], required: true },
        Column { name: "namn", aliases: &["name"], required: false },
        Column { name: "yrke", aliases: &["profession"], required: false },
        Column { name: "epost", aliases: &["email", "e-post"], required: false },
    ],
};

/// Grants.
pub(super) const GRANTS: Sheet = Sheet {
    file: "behorigheter.csv",
    columns: &[
        Column { name: "utfardare", aliases: &["issuer"], required: false },
        Column { name: "identitet", aliases: &["sub", "subject"], required: true },
        Column { name: "roll", aliases: &["role"], required: true },
        Column { name: "enheter", aliases: &["units"], required: false },
        Column { name: "lagrum", aliases: &["laws"], required: false },
        Column { name: "giltig_fran", aliases: &["valid_from"], required: false },
        Column { name: "giltig_till", aliases: &["valid_to"], required: false },
    ],
};

/// Forwardings between caregivers.
pub(super) const FORWARDINGS: Sheet = Sheet {
    file: "mellan_vardgivare.csv",
    columns: &[
        needed("arendenummer"),
        needed("riktning"),
        needed("motpart"),
        needed("motpart_typ"),
        needed("skickad"),
        optional("svar"),
        optional("amne"),
    ],
};

/// Escalations.
pub(super) const ESCALATIONS: Sheet = Sheet {
    file: "anmalningar.csv",
    columns: &[
        needed("arendenummer"),
        needed("lag"),
        needed("flaggad"),
        optional("beslut"),
        optional("anmald"),
        optional("ivo_beslut"),
        optional("motivering"),
    ],
};

/// Every file, in the order in which one may point into another.
pub(super) const ALL: [&Sheet; 6] = [&UNITS, &STAFF, &CASES, &GRANTS, &FORWARDINGS, &ESCALATIONS];
