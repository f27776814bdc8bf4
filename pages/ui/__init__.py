"""What the pages share: the frame of a lab, the player, chart helpers, links, code."""
