"""A patron says why a charge is wrong; somebody who did not charge it decides, and the books follow."""
