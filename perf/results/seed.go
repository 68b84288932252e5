package main

// published are the tables of the design document of January 2018: whole
// milliseconds, as printed there. Their machine had 16 cores; see perf/profiles.
var published = []struct {
	system string
	rows   []seedRow
}{
	{"teleport", []seedRow{
		{100, 1, 0, 16, 0, 75505},
		{500, 9, 11, 97, 0, 52192},
		{1000, 19, 24, 187, 0, 50040},
		{2000, 39, 54, 409, 0, 42551},
		{5000, 96, 128, 1148, 0, 46367},
	}},
	{"teleport/socket", []seedRow{
		{100, 0, 0, 14, 0, 225682},
		{500, 2, 1, 24, 0, 212630},
		{1000, 4, 3, 51, 0, 180733},
		{2000, 8, 6, 64, 0, 183351},
		{5000, 21, 18, 651, 0, 133886},
	}},
}

type seedRow struct {
	clients                 int
	mean, median, max, min_ int // ms
	tps                     int
}
