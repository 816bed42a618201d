"""brownie run commitment [main commitment list] --network ganache: report and confirm, or any one command.

Without a command, on a chain that brownie started for this run: Renswoude reports on what it promised in the sample
agreement, and Veenendaal confirms it. Options of the command come after two dashes:
brownie run commitment main commitment report 0x3f21 T1 started --network ganache -- --dev renswoude
"""

from scripts import stage


def main(*words: str) -> None:
    """Runs the command on brownie's chain; without one the story, or on a chain with its own register the list."""
    stage.set_up()
    if words or not stage.is_passing():
        stage.command(*(words or ("commitment", "list")))
        return
    agreement = stage.latest()  # recorded just now: its first act names it
    evidence = str(stage.SAMPLE / "overeenkomst.pdf")
    stage.command("commitment", "report", agreement, "T1", "fulfilled", "--evidence", evidence, "--dev", "renswoude")
    stage.command("commitment", "confirm", agreement, "T1", "--of", "Renswoude", "--dev", "veenendaal")
    stage.command("commitment", "list", agreement)
