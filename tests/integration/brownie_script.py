"""What test_brownie.py has brownie run: a register of nobody, and a sleep if asked."""

import os
import time

from brownie import Register, accounts, chain


def main() -> None:
    deployed = accounts[0].deploy(Register, [])
    print(f"REGISTER {deployed.address} CHAIN {chain.id} ACCOUNTS {len(accounts)}", flush=True)
    time.sleep(float(os.environ.get("BROWNIE_SCRIPT_SLEEP", "0")))
