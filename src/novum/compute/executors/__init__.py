"""Where jobs run: `local` on this machine under a sandbox, `inline` in this very process (the fake)."""
