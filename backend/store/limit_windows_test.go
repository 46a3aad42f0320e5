package store_test

const limitFolder = "COUNTERSIGN_TEST_LIMIT"

// fillUp has nothing to limit files with here.
func fillUp(string) {}
