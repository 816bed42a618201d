"""brownie run council [main motion list] --network ganache: put a motion, vote and decide, or any one command.

Without a command, on a chain that brownie started for this run: the council admits a guest. Options of the command
come after two dashes: brownie run council main motion sign 0x3f21 --network ganache -- --dev ede
"""

from brownie import accounts

from scripts import stage


def main(*words: str) -> None:
    """Runs the command on brownie's chain; without one the story, or on a chain with its own register the motions."""
    stage.found()
    if words or not stage.is_passing():
        stage.command(*(words or ("motion", "list")))
        return
    guest = accounts[31].address
    stage.command("motion", "admit", "Flevoland", "--guest", "--administrator", guest, "--dev", "ede")
    motion = stage.latest()
    for voter in ("barneveld", "nijkerk", "rhenen", "wageningen"):
        stage.command("motion", "sign", motion, "--dev", voter)
    stage.command("motion", "decide", motion, "--dev", "carrier")
    stage.command("council")
