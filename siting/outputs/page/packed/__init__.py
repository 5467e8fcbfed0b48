"""What the page carries of enterprises, minutes and the map, as texts that its scripts unpack."""
