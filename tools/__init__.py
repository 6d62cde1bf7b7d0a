"""What is generated from the code and held equal to it by a test."""
