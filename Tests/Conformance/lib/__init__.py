# The parts the numbered scripts are built from.
