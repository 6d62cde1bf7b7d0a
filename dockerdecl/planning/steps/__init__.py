"""Changes to steps: what each one needs, and what takes it back."""
