# Sourced by ./electra and ./test: what native libraries read when they load, before any of our code runs.

# Waiting OpenMP threads sleep: spinning ones starve the other core of a small machine.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
