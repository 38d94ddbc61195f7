# The parts of the numbered scripts.
