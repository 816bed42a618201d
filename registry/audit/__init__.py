"""An audit of the register that believes nothing: it reads the chain afresh and checks all that stands there."""
