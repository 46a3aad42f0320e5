package salesforce

import "time"

// A Pace says how long to wait until the org is asked again how far it is. It
// follows the sf CLI (calculatePollingFrequency in source-deploy-retrieve): one
// second up to 1,000 components and a zip of 1 MB, more for larger ones, at
// most ten. What takes longer than most, such as a run of all tests, is asked
// less often with time: an org counts API calls by the day. The zero value is
// ready for use, by one goroutine.
type Pace struct {
	First time.Duration // the shortest wait; zero is one second. Larger ones are multiples of it
	Last  time.Duration // the longest; zero is ten times First

	asked int
}

// asksAtOnePace is after how many questions the wait doubles.
const asksAtOnePace = 30

// Next returns the next wait, for a deployment or retrieve of so many components
// and so many bytes of zip; 0 is not known.
func (p *Pace) Next(components int, zipBytes int64) time.Duration {
	first := p.First
	if first <= 0 {
		first = defaultPollInterval
	}
	last := p.Last
	if last <= 0 {
		last = 10 * first
	}
	milliseconds := max(byComponents(components), bySize(zipBytes))
	wait := first * time.Duration(milliseconds) / 1000
	for n := p.asked; n >= asksAtOnePace && wait < last; n -= asksAtOnePace {
		wait *= 2
	}
	p.asked++
	return max(first, min(wait, last))
}

// byComponents is sf's wait for a number of components, in milliseconds.
func byComponents(n int) int64 { return int64(min(max(n, 1_000), 10_000)) }

// bySize is sf's wait for a size of zip, in milliseconds.
func bySize(zipBytes int64) int64 {
	switch {
	case zipBytes > 15_000_000:
		return 10_000
	case zipBytes > 5_000_000:
		return 5_000
	case zipBytes > 1_000_000:
		return 2_000
	}
	return 1_000
}
