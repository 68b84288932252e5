package message

// same compares two optional fields.
func same[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func sameText(a, b *BenchmarkMessage) bool {
	return a.Field9 == b.Field9 && a.Field18 == b.Field18 && a.Field4 == b.Field4 && a.Field7 == b.Field7 &&
		a.Field102 == b.Field102 && a.Field103 == b.Field103 && same(a.Field129, b.Field129)
}

// sameNumbers compares what Check has not: Field2 is the handler's, Field3 and Field22 are the stamp.
func sameNumbers(a, b *BenchmarkMessage) bool {
	return a.Field280 == b.Field280 && a.Field16 == b.Field16 && a.Field150 == b.Field150 && a.Field68 == b.Field68 &&
		same(a.Field6, b.Field6) && same(a.Field130, b.Field130) && same(a.Field104, b.Field104) &&
		same(a.Field100, b.Field100) && same(a.Field101, b.Field101) && same(a.Field29, b.Field29) &&
		same(a.Field60, b.Field60) && same(a.Field271, b.Field271) && same(a.Field272, b.Field272) &&
		same(a.Field23, b.Field23) && same(a.Field25, b.Field25) && same(a.Field67, b.Field67) &&
		same(a.Field128, b.Field128) && same(a.Field131, b.Field131) && len(a.Field5) == len(b.Field5)
}

func sameFlags(a, b *BenchmarkMessage) bool {
	return a.Field78 == b.Field78 && same(a.Field80, b.Field80) && same(a.Field81, b.Field81) &&
		same(a.Field59, b.Field59) && same(a.Field12, b.Field12) && same(a.Field17, b.Field17) &&
		same(a.Field13, b.Field13) && same(a.Field14, b.Field14) && same(a.Field30, b.Field30) &&
		same(a.Field24, b.Field24)
}
