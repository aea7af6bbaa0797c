"""A local Uplyft: a real GraphQL server with the one mutation that credits Miles & More miles."""
