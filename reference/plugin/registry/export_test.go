package registry

// Conns tells how many addresses the Dialer knows.
func (d *Dialer) Conns() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns)
}
