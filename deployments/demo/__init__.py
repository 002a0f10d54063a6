"""The demo world: invented families and partners around real municipalities and areas."""
