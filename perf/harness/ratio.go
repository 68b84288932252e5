package harness

// Ratio gives the throughput of one system as a multiple of another's, at so many clients, round by round: rounds are
// what two systems have in common. The rows must be of one group. It is false where either has no valid row.
func Ratio(rows []Row, of, by string, clients int) (Estimate, bool) {
	a, b := rowAt(rows, of, clients), rowAt(rows, by, clients)
	if a == nil || b == nil {
		return Estimate{}, false
	}
	ratios := Ratios(*a, *b, func(r Run) float64 { return r.TPS })
	return NewEstimate(ratios), len(ratios) > 0
}

func rowAt(rows []Row, system string, clients int) *Row {
	for i := range rows {
		if rows[i].System == system && rows[i].Clients == clients && rows[i].Invalid == "" {
			return &rows[i]
		}
	}
	return nil
}

// Ratios divides a figure of a's runs by that of b's runs of the same round.
func Ratios(a, b Row, figure func(Run) float64) []float64 {
	var out []float64
	for _, x := range a.Runs {
		for _, y := range b.Runs {
			if x.Round == y.Round && figure(y) != 0 {
				out = append(out, figure(x)/figure(y))
			}
		}
	}
	return out
}
