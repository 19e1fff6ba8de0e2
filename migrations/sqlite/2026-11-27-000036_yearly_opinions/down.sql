DROP INDEX case_facts_opinions_ix;
