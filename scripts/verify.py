"""brownie run verify [main FILE] --network ganache: is this file what was agreed?"""

from scripts import stage


def main(file: str = str(stage.SAMPLE / "overeenkomst.pdf")) -> None:
    """Checks a file against the register on brownie's chain; fails if it is not what was agreed."""
    stage.set_up()
    stage.command("verify", file)
