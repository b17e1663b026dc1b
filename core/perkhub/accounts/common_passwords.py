"""The commonest passwords of ten characters and more, here and abroad; whatever is shorter is refused for its length."""

LISTED = """
    1234567890 12345678900 12345678901 123456789a 123456789q 123456789z 1234567891 12345678910 1234567899 123456789abc
    0123456789 0987654321 9876543210 1122334455 1029384756 1357924680 1231231231 123123123123 1234512345 123412341234
    123456123456 1234567812345678 147258369a 1472583690 147852369a 741852963a 789456123a 5201314520 52013141314 13145201314
    a123456789 a1234567890 aa123456789 aa12345678 abc1234567 abc123456789 abcd123456 abcd1234567 abcde12345 abcdef1234
    q123456789 qq123456789 qwe123456789 qwe1234567 qwer123456 qwer12345678 qwerty1234 qwerty12345 qwerty123456 qwertyuiop
    qwertyuiop123 qwertyuiop[] 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw2 qazwsxedc123 qazwsxedcrfv zxcvbnm123 zxcvbnm1234
    asdfghjkl1 asdfghjkl123 asdf123456 asdfasdfasdf zxcvbnmasdfghjkl w123456789 z123456789 zz123456789 x123456789 s123456789
    password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123 p@ssword123 password!1 password123! mypassword1
    woaini1314 woaini520 woaini5201314 woaini1314520 woaini123456 wo123456789 li123456789 wang123456 zhang123456 woaiwojia1
    iloveyou12 iloveyou123 iloveyou1234 iloveyou520 iloveyou1314 letmein123 letmein1234 welcome123 welcome1234 admin12345
    admin123456 administrator administrator1 adminadmin admin@123456 root123456 rootroot123 test123456 test1234567 testtest123
    changeme123 changeme1234 default123 superman123 princess123 sunshine123 football123 baseball123 dragon12345 monkey12345
    abcdefghij abcdefghijk abcdefghijklm aabbccddee aaaabbbbcccc abcabcabcabc qwerqwerqwer 1a2b3c4d5e 1a2b3c4d5e6f
    0000000001 1000000000 1111122222 1212121212 1313131313 1010101010 1112223334 111222333444 112233445566 11223344556
"""

COMMON = frozenset(LISTED.split())
