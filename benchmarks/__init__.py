"""What the register is measured by, each part with targets that hold or fall short."""
