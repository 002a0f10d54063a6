"""The accounts of the books, by name: whose each is stands in it."""

from domain.parties.party import PartyKind, association, is_a, municipality, party_id

DEPARTMENT, FUND, ROUNDING = "department", "fund", "rounding"


def municipality_account(code: str) -> str:
    """The account of a municipality, the same name as its party."""
    return municipality(code)


def is_municipality(account: str) -> bool:
    """Whether an account is a municipality's: its name is that of the party too."""
    return is_a(account, PartyKind.MUNICIPALITY)


def department_account(housing_association: str, department: str) -> str:
    """The account of a housing department (boligafdeling)."""
    return f"{DEPARTMENT}:{housing_association}/{department}"


def fund_account(code: str, agreement: str) -> str:
    """The account of an agreement's common fund, which a municipality keeps."""
    return f"{FUND}:{code}/{agreement}"


def rounding_account(code: str) -> str:
    """The account of what rounding leaves over in what a municipality pays. It may be on either side of zero."""
    return f"{ROUNDING}:{code}"


def posted_at(account: str, *, receiver: str) -> str:
    """The party in whose finance system an account is kept: a department's in the receiving municipality's."""
    return receiver if account.startswith(f"{DEPARTMENT}:") else holder(account)


def accounts_held_by(party: str) -> tuple[str, ...]:
    """How the accounts of a party begin beside the one with its own name: a fund's, what rounding leaves, departments'."""
    id_ = party_id(party)
    if is_a(party, PartyKind.ASSOCIATION):
        return (f"{DEPARTMENT}:{id_}/",)
    return (f"{FUND}:{id_}/", f"{ROUNDING}:{id_}") if is_municipality(party) else ()


def holder(account: str) -> str:
    """The party that pays and is paid what stands on an account."""
    kind, _, name = account.partition(":")
    match kind:
        case "department":
            return association(name.partition("/")[0])
        case "fund" | "rounding":
            return municipality(name.partition("/")[0])
        case _:
            return account
