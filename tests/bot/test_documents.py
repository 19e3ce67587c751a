"""Documents as the bot reads them: the seed while there is none, gaps filled from the seed."""

from __future__ import annotations

from bot import documents
from knowledge.offices import seed_office
from knowledge.phrases import seed_phrases
from knowledge.vocabulary import seed_vocabulary


def test_without_documents_the_seed_speaks() -> None:
    assert documents.read_office(None).short_name == seed_office().short_name
    assert documents.read_vocabulary(None) == seed_vocabulary()
    assert documents.read_phrases(None) == seed_phrases()
    assert documents.read_overrides(None).overrides == seed_office().overrides


def test_an_office_written_by_an_older_program_gets_what_is_new() -> None:
    written = documents.dump_office(seed_office().model_copy(update={"phone": "0259"}))
    del written["portal"]
    found = documents.read_office(written)
    assert (found.phone, found.portal) == ("0259", seed_office().portal)


def test_what_a_person_emptied_stays_empty() -> None:
    emptied = seed_office().model_copy(update={"hours": (), "wards": ()})
    found = documents.read_office(documents.dump_office(emptied))
    assert (found.hours, found.wards) == ((), ())


def test_a_sentence_that_fits_no_more_gives_way() -> None:
    written = {"thanks": "Dạ {gone}.", "no.such.key": "x", "bye": "Chào anh/chị ạ.", "empty": " "}
    say = documents.read_wording({"sentences": written})
    for key in ("thanks", "empty"):
        assert say(key) == documents.program_wording()(key)
    assert say("bye") == "Chào anh/chị ạ."
    assert "no.such.key" not in say
