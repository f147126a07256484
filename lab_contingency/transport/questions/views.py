"""Questions: the list of both sides, asking, one thread."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.transport.questions import services
from lab_contingency.transport.questions.forms import AnswerForm, AskForm
from lab_contingency.transport.questions.queries import question, questions, to_ring, whom_to_ask

blueprint = Blueprint("questions", __name__)


@blueprint.get("/questions", endpoint="asked")
@needs(Permission.ASK_QUESTIONS)
@refreshing("questions")
def asked() -> ResponseReturnValue:
    """What waits for us, what we wait for, what was answered today."""
    actor = current_actor()
    return render_template(
        "questions/asked.html", lists=questions(actor), now=clock.now(), to_ring=to_ring(actor)
    )


@blueprint.get("/requests/<uuid:request_id>/questions/new")
@needs(Permission.ASK_QUESTIONS)
def ask_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """Ask about this request; `?tube=` chooses the tube."""
    form = AskForm(formdata=None, tube=request.args.get("tube", ""))
    return _ask_page(request_id, form)


@blueprint.post("/requests/<uuid:request_id>/questions")
@needs(Permission.ASK_QUESTIONS)
def ask(request_id: uuid.UUID) -> ResponseReturnValue:
    """Ask it: from now on it waits on the other side's first page."""
    form = AskForm()
    _offer(form, request_id)

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.ask_question(form.to_command(request_id), actor=current_actor()).id

    done = form.attempt(act)
    if done is None:
        return _ask_page(request_id, form)
    flash("Asked. The answer comes to your first page.", "done")
    return see_other("questions.thread", question_id=done)


def _offer(form: AskForm, request_id: uuid.UUID) -> None:
    actor = current_actor()
    form.offer(tubes_of(request_id, actor), whom_to_ask(request_id, actor))


def _ask_page(request_id: uuid.UUID, form: AskForm) -> ResponseReturnValue:
    shown = request_view(request_id, current_actor())
    _offer(form, request_id)
    page = render_template(
        "questions/ask.html", form=form, shown=shown, to_ring=to_ring(current_actor())
    )
    return page, form.status


@blueprint.get("/questions/<uuid:question_id>")
@needs(Permission.ASK_QUESTIONS)
def thread(question_id: uuid.UUID) -> ResponseReturnValue:
    """One question with all that was answered."""
    return _thread_page(question_id, AnswerForm(formdata=None))


@blueprint.post("/questions/<uuid:question_id>/answers")
@needs(Permission.ASK_QUESTIONS)
def answer(question_id: uuid.UUID) -> ResponseReturnValue:
    """Answer it, write down what was said on the telephone, or ask again."""
    form = AnswerForm()
    form.offer(question(question_id, current_actor()))

    def act() -> bool:
        with unit_of_work():
            services.answer_question(form.to_command(question_id), actor=current_actor())
        return True

    if form.attempt(act) is None:
        return _thread_page(question_id, form)
    flash("Noted. The other side sees it on its page.", "done")
    return see_other("questions.thread", question_id=question_id)


def _thread_page(question_id: uuid.UUID, form: AnswerForm) -> ResponseReturnValue:
    actor = current_actor()
    shown = question(question_id, actor)
    form.offer(shown)
    form.catch_up(shown.version)
    page = render_template(
        "questions/thread.html", form=form, shown=shown, now=clock.now(), to_ring=to_ring(actor)
    )
    return page, form.status
