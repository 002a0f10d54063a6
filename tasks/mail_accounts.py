"""The mail server and the mailbox that the settings name."""

from connectors.mail.access import ClientCredentials
from connectors.mail.imap import ImapMailbox
from connectors.mail.smtp import SmtpMailer
from storage.settings import Settings


def mailer_of(chosen: Settings) -> SmtpMailer:
    """The mail server that sends our letters."""
    return SmtpMailer(
        host=chosen.smtp_host,
        port=chosen.smtp_port,
        username=chosen.smtp_username,
        password=chosen.smtp_password.get_secret_value() if chosen.smtp_password else None,
        starttls=chosen.smtp_starttls,
        timeout_s=chosen.partner_timeout_s,
        tokens=_tokens(chosen) if chosen.smtp_login == "xoauth2" else None,
    )


def mailbox_of(chosen: Settings) -> ImapMailbox | None:
    """The mailbox in which returned mail is read; None where there is none."""
    if not chosen.imap_host:
        return None
    return ImapMailbox(
        host=chosen.imap_host,
        port=chosen.imap_port,
        username=chosen.imap_username,
        password=chosen.imap_password.get_secret_value() if chosen.imap_password else "",
        folder=chosen.imap_folder,
        tls=chosen.imap_tls,
        timeout_s=chosen.partner_timeout_s,
        tokens=_tokens(chosen) if chosen.imap_login == "xoauth2" else None,
    )


def _tokens(chosen: Settings) -> ClientCredentials:
    return ClientCredentials(
        url=str(chosen.mail_token_url),
        client_id=chosen.mail_client_id,
        secret=chosen.mail_client_secret.get_secret_value() if chosen.mail_client_secret else "",
        scope=chosen.mail_scope,
        timeout_s=chosen.partner_timeout_s,
    )
