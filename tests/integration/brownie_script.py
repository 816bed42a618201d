"""What test_brownie.py has brownie run: a register of one member, and a sleep if asked."""

import os
import time

from brownie import Register, accounts, chain


def main() -> None:
    founder = (b"gm0345".ljust(32, b"\0"), accounts[1].address, True)
    deployed = accounts[0].deploy(Register, [founder])
    print(f"REGISTER {deployed.address} CHAIN {chain.id} ACCOUNTS {len(accounts)}", flush=True)
    time.sleep(float(os.environ.get("BROWNIE_SCRIPT_SLEEP", "0")))
