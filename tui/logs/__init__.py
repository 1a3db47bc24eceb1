"""Everything of a log but its lines on the screen: moments, times in lines, filters, files."""
