"""What may go wrong while a plan is carried out: crashes, lost connections, signals, other runs."""
