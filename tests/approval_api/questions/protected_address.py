"""A family whose address is protected."""

from storage.privacy.rights import PROTECTED, corrected


def protect(world):
    """Have the family's address protected from now on, as its municipality records it."""
    with world.platform.database.writing() as session:
        corrected(
            session,
            world.platform.vault,
            world.referral(),
            PROTECTED,
            True,  # the value of the field
            opened_for="vagt: har ringet",
            now=world.clock.now(),
        )
