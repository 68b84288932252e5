package cli

import "errors"

func (s *session) measureBars() error { return errors.New("todo") }
func (s *session) fromReport() error  { return errors.New("todo") }
