"""Samples of returned mail, as mail servers and mail programs write it."""

KEY = "0123456789abcdef" * 2
OUR_ID = f"<{KEY}@demo.invalid>"
ASKED = "anvisning@nyborg.invalid"
REF = "TF-2026-00042"
LETTER = f"""From: Tilflytterstyring <tilflytterstyring@demo.invalid>
To: {ASKED}
Subject: Svar senest torsdag: {REF}
Message-ID: {OUR_ID}

Svar her.
"""


def mail(*heads: str, subject: str = "Hej", body: str = "Tekst.", sender: str = f"Anvisningen <{ASKED}>") -> str:
    return "\n".join([f"From: {sender}", f"Subject: {subject}", *heads, "", body, ""])


def report(*parts: tuple[str, str], kind: str = "delivery-status", subject: str = "Returned", heads: str = "") -> str:
    """A report in parts, each with its type and its content."""
    of_kind = f"; report-type={kind}" if kind else ""
    inside = "".join(f"--b\nContent-Type: {name}\n\n{text}\n" for name, text in parts)
    return (
        f"From: MAILER-DAEMON@nyborg.invalid\nSubject: {subject}\n{heads}"
        f'Content-Type: multipart/report{of_kind}; boundary="b"\n\n{inside}--b--\n'
    )


PLAIN = ("text/plain", "The mailbox does not exist.")
FAILED = ("message/delivery-status", f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {ASKED}\nAction: failed\n")
WHOLE = ("message/rfc822", LETTER)
HEADS = ("text/rfc822-headers", LETTER)
OOF = (
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    "x-ms-exchange-generated-message-source: Mailbox Rules Agent",
)
REPLIES_TO = f"In-Reply-To: {OUR_ID}"
BOUNCES = {
    "a report with the letter": report(PLAIN, FAILED, WHOLE),
    "a report with its heads": report(PLAIN, FAILED, HEADS),
    "a report without a third part": report(PLAIN, FAILED, subject=f"Undeliverable: Svar: {REF}"),
    "a report of no named kind": report(PLAIN, FAILED, WHOLE, kind=""),
    "a report with addresses beyond ASCII": report(
        PLAIN,
        ("message/global-delivery-status", "Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n"),
        ("message/global", LETTER),
    ),
    "a report whose lines are folded": report(
        PLAIN,
        (
            "message/delivery-status",
            f"Reporting-MTA:\n dns; x\n\nFinal-Recipient:\n rfc822;\n {ASKED}\nAction:\n\tfailed",
        ),
        ("text/rfc822-headers", LETTER.replace("Message-ID: ", "Message-ID:\n ")),
    ),
    "a report whose type is folded": report(PLAIN, FAILED, WHOLE).replace("report; ", "report;\n\t"),
    "a report that names no action": report(PLAIN, ("message/delivery-status", "A: b\n\nStatus: 5.4.1 (no)\n"), WHOLE),
    "a report of what was tried for days": report(
        PLAIN, ("message/delivery-status", "A: b\n\nAction: Failed (after 5 days)\nStatus: 4.4.7\n"), WHOLE
    ),
    "a status in a message of another kind": report(PLAIN, FAILED, WHOLE)
    .replace("multipart/report; report-type=delivery-status", "multipart/mixed")
    .replace("Subject", "Auto-Submitted: auto-replied\nSubject", 1),
    "a report whose status nobody can read": report(
        PLAIN, ("message/delivery-status", "????"), HEADS, subject="Ikke leveret: Svar senest"
    ),
    "Exim": mail(
        f"X-Failed-Recipients: {ASKED}",
        "Auto-Submitted: auto-replied",
        subject="Mail delivery failed: returning message to sender",
        sender="Mail Delivery System <Mailer-Daemon@nyborg.invalid>",
        body=f"A message that you sent could not be delivered.\n\n  {ASKED}\n\n---- heads ----\n{LETTER}",
    ),
    "qmail": mail(
        "Return-Path: <>",
        subject="failure notice",
        sender="MAILER-DAEMON@nyborg.invalid",
        body=f"Hi. This is the qmail-send program.\n\n<{ASKED}>:\nno mailbox here by that name.\n\n{LETTER}",
    ),
    "Exchange, in Danish": mail(
        "X-MS-Exchange-Message-Is-Ndr:",
        "Auto-Submitted: auto-replied",
        REPLIES_TO,
        subject=f"Kan ikke leveres: Svar senest: {REF}",
        sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@nyborg.invalid>",
        body=f"Din meddelelse til {ASKED} kunne ikke leveres.",
    ),
    "a postmaster's own words": mail(
        "X-Auto-Response-Suppress: All",
        REPLIES_TO,
        subject=f"Undeliverable: Svar senest: {REF}",
        sender="postmaster@nyborg.invalid",
        body=f"Delivery has failed to {ASKED}.",
    ),
}
ABSENCES = {
    "RFC 3834": mail("Auto-Submitted: auto-replied", REPLIES_TO, subject="Autosvar: ferie"),
    "RFC 3834, with a parameter": mail("Auto-Submitted: Auto-Replied (vacation); owner-email=x", REPLIES_TO),
    "RFC 3834, folded": mail("Auto-Submitted:\n auto-replied", f"In-Reply-To:\n {OUR_ID}"),
    "an old sign": mail("X-Autoreply: yes", REPLIES_TO),
    "an old precedence": mail("Precedence: auto_reply", REPLIES_TO),
    "Exchange": mail(*OOF, REPLIES_TO, subject="Automatisk svar: Svar senest torsdag"),
    "Exchange, whatever its rule says": mail(*OOF, REPLIES_TO, subject="Tak for din mail"),
    "Exchange, in letters that are encoded": mail(
        *OOF, REPLIES_TO, subject="=?utf-8?B?RnJhdsOmcmVuZGU6?= =?utf-8?Q?_Svar_senest?="
    ),
    "an old Outlook": mail("X-Auto-Response-Suppress: All", REPLIES_TO, subject="Ikke til stede: Svar senest"),
    "in English": mail("Precedence: bulk", REPLIES_TO, subject="Out of Office: Svar senest"),
    "one that brings a report along": mail(
        "Auto-Submitted: auto-replied",
        REPLIES_TO,
        'Content-Type: multipart/mixed; boundary="m"',
        body=f"--m\nContent-Type: message/rfc822\n\n{report(PLAIN, FAILED, WHOLE)}\n--m--",
    ),
    "to nobody": mail("Return-Path: <>", REPLIES_TO, subject="Automatic reply: Svar senest"),
}
REPLIES = {
    "a reply": mail(REPLIES_TO, subject=f"SV: Svar senest: {REF}", body="Vi kan ikke godkende, skolen er fuld."),
    "sent by itself: no": mail("Auto-Submitted: no", REPLIES_TO),
    "one that quotes an absence": mail(
        REPLIES_TO, subject=f"SV: Automatisk svar: {REF}", body="> Auto-Submitted: auto-replied\n> Jeg er på ferie"
    ),
    "one that passes an absence on": mail(REPLIES_TO, subject=f"VS: Ikke til stede: {REF}"),
    "one that quotes a bounce": mail(
        REPLIES_TO, subject=f"RE: Undeliverable: {REF}", body=f"> Action: failed\n> X-Failed-Recipients: {ASKED}"
    ),
    "one with a bounce attached": report(PLAIN, ("message/rfc822", report(PLAIN, FAILED, WHOLE)))
    .replace("multipart/report; report-type=delivery-status", "multipart/mixed", 1)
    .replace("MAILER-DAEMON@nyborg.invalid", ASKED, 1)
    .replace("Subject: Returned", f"Subject: VS: noget galt?\n{REPLIES_TO}", 1),
    "one from a house that wants no answers": mail("X-Auto-Response-Suppress: All", REPLIES_TO, subject=f"SV: {REF}"),
    "one by a subject of their own": mail(REPLIES_TO, subject="Ikke til stede i næste uge, men vi siger ja"),
    "a postmaster's reply": mail(REPLIES_TO, sender="postmaster@nyborg.invalid", subject=f"SV: {REF}"),
    "nothing at all": "",
    "no text": "\x00",
}
NOTHING = {
    "a delay, in a report": report(PLAIN, ("message/delivery-status", "A: b\n\nAction: delayed\nStatus: 4.4.1"), WHOLE),
    "a delivery": report(PLAIN, ("message/delivery-status", "A: b\n\nAction: delivered\nStatus: 2.1.5"), WHOLE),
    "a relayed letter": report(PLAIN, ("message/delivery-status", "A: b\n\nAction: relayed"), WHOLE),
    "a delay, in words": mail(
        "Auto-Submitted: auto-replied",
        subject=f"Warning: message {KEY[:6]} delayed 24 hours",
        sender="Mailer-Daemon@nyborg.invalid",
    ),
    "a delay, in Danish": mail("Auto-Submitted: auto-replied", REPLIES_TO, subject="Forsinket: Svar senest"),
    "that it was read": report(
        PLAIN, ("message/disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed"), HEADS,
        kind="disposition-notification", subject="Læst: Svar senest",
    ),
    "that it was thrown away unread": report(
        PLAIN, ("message/disposition-notification", "Disposition: manual-action/MDN-sent-automatically; deleted"),
        kind="disposition-notification", subject="Ikke læst: Svar senest",
    ),
    "that somebody calls it unwanted": report(
        PLAIN, ("message/feedback-report", "Feedback-Type: abuse"), WHOLE, kind="feedback-report", subject="Complaint"
    ),
    "an empty report": "Auto-Submitted: auto-replied\nContent-Type: multipart/report\n\nnothing in it",
    "a newsletter": mail("List-Unsubscribe: <mailto:x@y.invalid>", "Precedence: bulk", subject="Nyt fra KL"),
}  # fmt: skip
