"""Between the network and the pages: what is made ready before the first visitor, and what no visitor may take."""
