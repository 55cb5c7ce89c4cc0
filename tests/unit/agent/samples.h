/* samples.h - a small configuration in both formats, with the same meaning. */
#pragma once

#define SAMPLE_1                                                                                  \
	"# drydock-iad configuration\n"                                                           \
	"[system]\nformat = 1\nhostname = iad-7\nmanagement-address = 127.0.0.11:1161\n"          \
	"; a comment\n"                                                                           \
	"[user.1]\nnumber = 4971110001\nname = Anna \"A\" Schmidt\npassword = s3cret\nport = 1\n" \
	"[user.2]\nport = 2\nname = Bo\\b\nnumber = 4971110002\n"                                 \
	"[port.1]\ngain = -3\nimpedance = 600\ncaller-id = fsk\nstate = up\n"                     \
	"[port.2]\ngain = 2.5\nimpedance = 900\ncaller-id = off\nstate = down\n"                  \
	"[port.3]\nstate = up\n"                                                                  \
	"[sip]\nserver.1 = 192.0.2.10:5060\nregister-timer = 3600\n"                              \
	"[mgc]\ncontroller.1 = 192.0.2.20:2944\nretry-timer = 30\n"                               \
	"[codec]\norder = g711a, g729\n"                                                          \
	"[defaults]\ndial-timeout = 10\nring-cadence = 1000/4000\n"

#define SAMPLE_2                                                              \
	"drydock-iad 2\n"                                                     \
	"set subscriber/4971110001/display-name \"Anna \\\"A\\\" Schmidt\"\n" \
	"set subscriber/4971110001/secret s3cret\n"                           \
	"set subscriber/4971110001/line fxs1\n"                               \
	"set subscriber/4971110002/line fxs2\n"                               \
	"set subscriber/4971110002/display-name \"Bo\\\\b\"\n"                \
	"# a comment\n"                                                       \
	"set line/fxs1/gain-tenth-db -30\n"                                   \
	"set line/fxs1/impedance 600-ohm\n"                                   \
	"set line/fxs1/caller-id etsi-fsk\n"                                  \
	"set line/fxs1/admin enabled\n"                                       \
	"set line/fxs2/gain-tenth-db 25\n"                                    \
	"set line/fxs2/impedance 900-ohm\n"                                   \
	"set line/fxs2/caller-id none\n"                                      \
	"set line/fxs2/admin disabled\n"                                      \
	"set line/fxs3/admin enabled\n"                                       \
	"set sip/proxy/1 192.0.2.10:5060\n"                                   \
	"set sip/register-ms 3600000\n"                                       \
	"set h248/mgc/1 192.0.2.20:2944\n"                                    \
	"set h248/retry-ms 30000\n"                                           \
	"set media/codec/1 g711a\n"                                           \
	"set media/codec/2 g729\n"                                            \
	"set system/name iad-7\n"                                             \
	"set system/management-address 127.0.0.11:1161\n"                     \
	"set default/dial-ms 10000\n"                                         \
	"set default/ring-on-ms 1000\n"                                       \
	"set default/ring-off-ms 4000\n"
