"""What is filled in: what is asked, of whom, about which tube; what is answered, and how."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.places.queries import LaboratoryView
from lab_contingency.specimens.queries import TubeView
from lab_contingency.transport.questions.commands import AnswerQuestion, AskQuestion
from lab_contingency.transport.questions.queries import QuestionView
from lab_contingency.transport.questions.rules import KINDS, LONGEST, AnswerHow, QuestionKind

HOW_WORDS = {
    AnswerHow.WRITTEN: "Answer here",
    AnswerHow.TELEPHONE: "It was answered by telephone",
    AnswerHow.AGAIN: "Ask again",
}


class AskForm(LabForm):
    """One question."""

    kind = RadioField(
        "What do you ask?",
        choices={kind.value: words for kind, words in KINDS.items()},
        validators=[InputRequired("Choose what you ask.")],
    )
    words = lines(
        "In your words",
        most=LONGEST,
        rows="3",
        hint="Needed for “something else”. No patient’s name.",
    )
    tube = SelectField("About", choices={})
    to = SelectField("Asked of", choices={})

    def offer(self, tubes: Iterable[TubeView], partners: Iterable[LaboratoryView]) -> None:
        """Hand in the tubes in sight and the partners that can be asked."""
        self.tube.choices = {"": "the whole request"} | {
            str(tube.planned_tube_id): f"tube {tube.number_text}, {tube.container.colour_name}"
            for tube in tubes
        }
        self.to.choices = {"": "Our laboratories"} | {str(each.id): each.name for each in partners}

    def to_command(self, request_id: uuid.UUID) -> AskQuestion:
        """The intention."""
        return AskQuestion(
            request_id,
            uuid.UUID(self.tube.data) if self.tube.data else None,
            uuid.UUID(self.to.data) if self.to.data else None,
            QuestionKind(self.kind.data),
            self.words.data or "",
        )


class AnswerForm(VersionedForm):
    """How the thread goes on."""

    how = RadioField("How", choices={}, validators=[InputRequired("Choose one.")])
    words = lines("What is said", most=LONGEST, rows="3")
    told_by = line("Who said it, on the telephone", most=80)

    def offer(self, shown: QuestionView) -> None:
        """Hand in what this side may do now; a single way is chosen."""
        self.how.choices = {how.value: HOW_WORDS[how] for how in shown.can}
        if not self.is_submitted():
            self.version.data = str(shown.version)
            if shown.can:
                self.how.data = shown.can[0].value

    def to_command(self, question_id: uuid.UUID) -> AnswerQuestion:
        """The intention."""
        return AnswerQuestion(
            question_id,
            self.version_shown(),
            AnswerHow(self.how.data),
            self.words.data or "",
            self.told_by.data or "",
        )
