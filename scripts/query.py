"""brownie run query [main AGREEMENT] --network ganache: list the agreements, or show one."""

from scripts import stage


def main(agreement: str = "") -> None:
    """Lists what the register on brownie's chain holds, or shows the agreement whose hash begins so."""
    stage.set_up()
    if agreement:
        stage.command("show", agreement)
    else:
        stage.command("list")
