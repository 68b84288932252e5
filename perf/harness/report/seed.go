package report

// SeedRow is a line of the tables that the original published in January 2018, in whole milliseconds.
type SeedRow struct {
	Clients                int
	Mean, Median, Max, Min int
	TPS                    int
}

// Seed holds those tables by system. Their machine had 16 cores (perf/profiles).
var Seed = map[string][]SeedRow{
	"teleport": {
		{100, 1, 0, 16, 0, 75505},
		{500, 9, 11, 97, 0, 52192},
		{1000, 19, 24, 187, 0, 50040},
		{2000, 39, 54, 409, 0, 42551},
		{5000, 96, 128, 1148, 0, 46367},
	},
	"teleport/socket": {
		{100, 0, 0, 14, 0, 225682},
		{500, 2, 1, 24, 0, 212630},
		{1000, 4, 3, 51, 0, 180733},
		{2000, 8, 6, 64, 0, 183351},
		{5000, 21, 18, 651, 0, 133886},
	},
}

func seedRow(system string, clients int) (SeedRow, bool) {
	for _, r := range Seed[system] {
		if r.Clients == clients {
			return r, true
		}
	}
	return SeedRow{}, false
}
