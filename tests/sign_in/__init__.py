"""How people come in, and what keeps others out."""
