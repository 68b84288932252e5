package tp

import "testing"

// The rows are those recorded from the original.
func TestSnakeString_AsRecorded(t *testing.T) {
	for name, want := range map[string]string{
		"Test": "test", "TestUnknown": "test_unknown", "XxZz": "xx_zz", "YyZz": "yy_zz", "A": "a", "AB": "a_b",
		"ABC": "a_b_c", "ABc": "a_bc", "AbC": "ab_c", "HTTPServer": "h_t_t_p_server", "GetHTTP": "get_h_t_t_p",
		"GetHTTPServer": "get_h_t_t_p_server", "UserID": "user_i_d", "UserId": "user_id", "ID": "i_d", "A1": "a1",
		"A1B2": "a1_b2", "Get2Users": "get2_users", "V3API": "v3_a_p_i", "API2Go": "a_p_i2_go", "Xx_Yy": "xx__yy",
		"Xx__Yy": "xx___yy", "X_": "x_", "_X": "_x", "Éa": "éa", "ТестИмя": "тестимя", "My世界": "my世界",
		"Home": "home", "homePull": "home_pull", "aB": "a_b", "a_b": "a_b", "AaBBcC": "aa_b_bc_c",
	} {
		if got := snakeString(name); got != want {
			t.Errorf("%s gives %s, want %s", name, got, want)
		}
	}
}

func TestJoinPath_AsRecorded(t *testing.T) {
	tests := []struct{ group, want string }{
		{"group", "/group/home/test"}, {"/group/", "/group/home/test"}, {"a/../b", "/b/home/test"},
		{"", "/home/test"}, {"a//b", "/a/b/home/test"}, {"/", "/home/test"},
	}
	for _, tt := range tests {
		if got := joinPath(joinPath("/", tt.group), "home", "test"); got != tt.want {
			t.Errorf("group %q gives %s, want %s", tt.group, got, tt.want)
		}
	}
}
