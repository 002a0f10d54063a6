"""The command line for letters to families that no system takes, and for what comes back: `tilflyt letter`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, out, table_of, tell
from deployments.files import gone_on_failure, new_file
from domain.errors import Invalid
from domain.questions.question import REASON_CODES, TAKE_BACK, Answer, GivenBy, QuestionKind, Reply

letter_app = typer.Typer(
    help="Letters to families that no letter system takes: list them, print one, say when it was posted.",
    no_args_is_help=True,
)
Which = Annotated[str, typer.Argument(help="The case, TF-2026-00042, or the letter's number in `tilflyt letter list`.")]
REASONS = ", ".join(REASON_CODES[QuestionKind.ACCEPTANCE])


@letter_app.command("list")
def letter_list(as_json: AsJson = False) -> None:
    """The letters that wait to be posted."""
    from domain.working_days import last_day_of
    from storage.installation import opened_database
    from storage.outbox import PRINTED
    from storage.questions.questions import Question
    from storage.staff.families.letters import letters_by_hand

    with opened_database(main_settings()).reading() as session:
        found = []
        for row, referral in letters_by_hand(session):
            question = session.get(Question, row.question_id) if row.question_id else None
            found.append(
                {
                    "id": row.id,
                    "case": referral.reference,
                    "letter": str(row.telling),
                    "since": row.created_at.isoformat(timespec="seconds"),
                    "answer by": last_day_of(question.answer_by).isoformat() if question else "",
                    "printed": "yes" if row.last_error == PRINTED else "",
                }
            )
    rows = [list(one.values()) for one in found]
    title = f"{len(found)} letters wait to be posted"
    tell(found, as_json, table_of(rows, "no.", "case", "letter", "since", "answer by", "printed", title=title))


@letter_app.command("print")
def letter_print(
    which: Which,
    file: Annotated[Path, typer.Argument(help="A PDF file that is not there yet; only you may read it.")],
    by: By = COMMAND_LINE,
) -> None:
    """Write a letter to a file, to be printed and posted. It opens the vault, and that is written down."""
    from storage.staff.families.letters import letter_to_print, record_printed, says
    from tasks.delivery.family_letters import is_worth_posting
    from tasks.delivery.letter_to_print import to_print
    from tasks.delivery.printed_letters import as_pdf
    from tasks.platform import current

    main_settings()
    platform = current()
    answered = Invalid("letter", f"{which}: nobody waits for an answer to it any more")
    # The file is made before the vault is opened, so that the vault stays closed when the file cannot be written.
    with new_file(file) as write:
        # In a transaction of its own: the record that the vault was opened stays, whatever fails later.
        with platform.database.writing() as session:
            now = platform.now()
            row = letter_to_print(session, which)
            if (paper := to_print(platform, session, row, by=by, now=now)) is None:
                raise answered
        write(as_pdf(paper))
    # Recorded after the file is written. Meanwhile a colleague or a letter system may have sent the letter.
    with gone_on_failure(file), platform.database.writing() as session:
        row = letter_to_print(session, str(row.id))
        if not is_worth_posting(platform, session, row):
            raise answered
        record_printed(session, row, by=by, holidays=platform.holidays, now=now)
    out.print(
        f"Letter {row.id} of {paper.reference}, which {says(row)}, stands in {file}. Post it, say so with "
        f"`tilflyt letter posted {row.id}`, and delete the file: it tells who the family is. Until then no system "
        "sends it.",
        soft_wrap=True,
    )


@letter_app.command("posted")
def letter_posted(
    which: Which,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which it was posted; today when unsaid.")
    ] = None,
    by: By = COMMAND_LINE,
) -> None:
    """Record that a letter was posted: the time to answer begins on that day."""
    from storage.staff.families.letters import post_by_hand, says
    from tasks.platform import current

    main_settings()
    platform = current()
    day, holidays, now = on.date() if on else None, platform.holidays, platform.now()
    row, day, was_printed = carry_out(platform.database, post_by_hand, which, on=day, by=by, holidays=holidays, now=now)
    unseen = "" if was_printed else " It was never printed from here."
    out.print(
        f"Letter {row.id}, which {says(row)}, was posted on {day}.{unseen} Was it not? "
        f"`tilflyt letter not-posted {row.id}`",
        soft_wrap=True,
    )


@letter_app.command("not-posted")
def letter_was_not_posted(which: Which, by: By = COMMAND_LINE) -> None:
    """Say that a letter was not posted: it waits to be printed anew, or a letter system takes it."""
    from storage.staff.families.letters import take_posting_back
    from tasks.platform import current

    main_settings()
    platform = current()
    row = carry_out(platform.database, take_posting_back, which, by=by, now=platform.now())
    out.print(f"Letter {row.id} waits to be printed, or goes by the municipality's letter system where it has one.")


def answer(
    reference: Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")],
    said: Annotated[str, typer.Argument(help=f"yes, no, withdraw (its consent), or {TAKE_BACK} (an earlier yes).")],
    given: Annotated[GivenBy | None, typer.Option(help="How the family said it.")] = None,
    reason: Annotated[str | None, typer.Option(help=f"Why it said no: {REASONS}.")] = None,
    by: By = COMMAND_LINE,
) -> None:
    """Record what a family has answered on paper, on the telephone or at a meeting, on its behalf."""
    from deployments.cli.families.looking import case_of
    from storage.staff.families.answers import record_for_family, take_back_for_family
    from tasks.platform import current

    main_settings()
    if said not in (*Answer, TAKE_BACK):
        raise Invalid("answer", f"one of {', '.join((*Answer, TAKE_BACK))}")
    if said == Answer.NO and reason not in REASON_CODES[QuestionKind.ACCEPTANCE]:
        raise Invalid("reason", f"choose_a_reason: one of {REASONS}")
    platform = current()
    referral = case_of(platform.database, reference)
    if said == TAKE_BACK:
        carry_out(platform.database, take_back_for_family, referral, by=by, now=platform.now())
    else:
        reply = Reply(Answer(said), reason, given_by=given)
        carry_out(platform.database, record_for_family, referral, reply, by=by, now=platform.now())
    out.print(f"What the family of {reference} has said is recorded: {said}.")
