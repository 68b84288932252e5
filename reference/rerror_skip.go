package tp

// skip passes one JSON value of any kind. It keeps the open brackets in a
// slice and not on the stack, so that no depth of nesting can hurt.
func (p *rerrorParser) skip() error {
	var open []byte
	for {
		done, err := p.skipOpenOrScalar(&open)
		if err != nil {
			return err
		}
		for done { // a value has ended: what may follow it?
			p.space()
			if len(open) == 0 {
				return nil
			}
			last := open[len(open)-1]
			switch {
			case p.eat(','):
				p.space()
				if last == '{' {
					if err := p.skipKey(); err != nil {
						return err
					}
				}
				done = false
			case last == '{' && p.eat('}'), last == '[' && p.eat(']'):
				open = open[:len(open)-1]
			default:
				return p.fail("',' or the closing bracket")
			}
		}
	}
}

// skipOpenOrScalar passes a scalar or an empty container (done), or enters a container.
func (p *rerrorParser) skipOpenOrScalar(open *[]byte) (done bool, err error) {
	switch c := p.peek(); {
	case c == '{':
		p.i++
		p.space()
		if p.eat('}') {
			return true, nil
		}
		*open = append(*open, '{')
		return false, p.skipKey()
	case c == '[':
		p.i++
		p.space()
		if p.eat(']') {
			return true, nil
		}
		*open = append(*open, '[')
		return false, nil
	case c == '"':
		_, err := p.str()
		return true, err
	case c == '-' || c >= '0' && c <= '9':
		_, err := p.number()
		return true, err
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if len(p.b)-p.i >= len(word) && string(p.b[p.i:p.i+len(word)]) == word {
			p.i += len(word)
			return true, nil
		}
	}
	return false, p.fail("a JSON value")
}

func (p *rerrorParser) skipKey() error {
	if _, err := p.str(); err != nil {
		return err
	}
	p.space()
	if !p.eat(':') {
		return p.fail("':'")
	}
	p.space()
	return nil
}
