"""Pages on which officers change the office, calendar, glossary, phrases and wording."""
