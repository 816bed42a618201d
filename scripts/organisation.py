"""brownie run organisation [main COMMAND…] --network ganache: run one's own organisation, or any one command.

Without a command, on a chain that brownie started for this run: Rhenen appoints a signatory, hands its administration
over to another key, and says where its service is. Options of the command come after two dashes:
brownie run organisation main takeover Rhenen --network ganache -- --dev stranger
"""

from brownie import accounts

from scripts import stage


def main(*words: str) -> None:
    """Runs the command on brownie's chain; without one the story, or on a chain with its own register the council."""
    stage.found()
    if words or not stage.is_passing():
        stage.command(*(words or ("council",)))
        return
    signatory, administrator = accounts[32].address, accounts[31].address  # development accounts without a part
    stage.command("appoint", signatory, "--for", "Rhenen", "--until", "2030-01-01", "--dev", "rhenen:admin")
    stage.command("handover", "Rhenen", administrator, "--dev", "rhenen:admin")
    stage.command("takeover", "Rhenen", "--dev", "stranger")
    stage.command("announce", "Rhenen", "https://register.rhenen.example", "--dev", "stranger")
    stage.command("council")
