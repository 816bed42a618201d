"""What goes in and out, as models: the description is made from them, and the tests hold the answers against them."""
