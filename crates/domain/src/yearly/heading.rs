//! The headings of the national template for the patientsäkerhetsberättelse, and what the
//! kvalitetsberättelse adds; a local list of headings, not law.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The chapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chapter {
    /// Sammanfattning.
    Summary,
    /// Grundläggande förutsättningar.
    Foundations,
    /// Agera för säker vård.
    Acting,
    /// Kvalitet enligt SoL och LSS.
    Quality,
    /// Mål kommande år.
    Ahead,
    /// Underlag.
    Basis,
}

impl Chapter {
    /// As it stands in the report.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Summary => "Sammanfattning",
            Self::Foundations => "Grundläggande förutsättningar för säker vård",
            Self::Acting => "Agera för säker vård",
            Self::Quality => "Kvalitet i socialtjänst och LSS-verksamhet",
            Self::Ahead => "Mål, strategier och utmaningar för kommande år",
            Self::Basis => "Underlag och definitioner",
        }
    }
}

macro_rules! sections {
    ($($name:ident = $code:literal, $chapter:ident, $heading:literal;)+) => {
        /// A section of the report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum SectionId {
            $(#[doc = $heading] $name,)+
        }

        impl SectionId {
            /// Every section, in the order of the report.
            pub const ALL: &'static [SectionId] = &[$(SectionId::$name,)+];

            /// Its name in requests and answers.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The chapter it stands in.
            pub fn chapter(self) -> Chapter {
                match self { $(Self::$name => Chapter::$chapter,)+ }
            }

            /// As it stands above it.
            pub fn heading(self) -> &'static str {
                match self { $(Self::$name => $heading,)+ }
            }
        }
    };
}

sections! {
    Summary = "summary", Summary, "Sammanfattning och årets siffror";
    Leadership = "leadership", Foundations, "Engagerad ledning och tydlig styrning";
    Cooperation = "cooperation", Foundations, "Samverkan för att förebygga vårdskador";
    InformationSecurity = "information_security", Foundations, "Informationssäkerhet";
    RadiationProtection = "radiation_protection", Foundations, "Strålskydd";
    SafetyCulture = "safety_culture", Foundations, "God säkerhetskultur";
    Competence = "competence", Foundations, "Adekvat kunskap och kompetens";
    PatientAsPartner = "patient_as_partner", Foundations, "Patienten som medskapare";
    KnowledgeOfHarm = "knowledge_of_harm", Acting, "Öka kunskap om inträffade vårdskador";
    ReliableProcesses = "reliable_processes", Acting, "Tillförlitliga och säkra system och processer";
    HereAndNow = "here_and_now", Acting, "Säker vård här och nu";
    Learning = "learning", Acting, "Stärka analys, lärande och utveckling";
    OpinionsAndComplaints = "opinions_and_complaints", Acting, "Synpunkter och klagomål";
    BetweenCaregivers = "between_caregivers", Acting, "Avvikelser mellan vårdgivare";
    RiskAwareness = "risk_awareness", Acting, "Öka riskmedvetenhet och beredskap";
    SocialServices = "social_services", Quality, "Avvikelser enligt SoL och LSS";
    GoalsAhead = "goals_ahead", Ahead, "Mål och strategier för kommande år";
    Definitions = "definitions", Basis, "Så är siffrorna räknade";
}

impl FromStr for SectionId {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|section| section.code() == code).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_one_name_everywhere() {
        for section in SectionId::ALL {
            assert_eq!(section.code().parse(), Ok(*section));
            let written = serde_json::to_value(section).expect("a name");
            assert_eq!(written, section.code());
        }
        assert!(SectionId::ALL.is_sorted_by_key(|section| section.chapter()));
    }
}
